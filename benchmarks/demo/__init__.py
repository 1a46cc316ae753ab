"""The demo bank: its declarations (registry.yaml and six sources), and the run over its nights."""
