"""The synthetic bank: people and organisations with truth, as six source systems see them, deterministic by seed."""

from benchmarks.synthetic.bank import Bank, generate

__all__ = ["Bank", "generate"]
