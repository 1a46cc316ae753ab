"""The console script `registry`.

Here: commands, their output as text or JSON, progress. Not here: any work (stages, pipelines).
"""
