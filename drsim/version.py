"""The version, in a module of its own: lower layers record it, and must not import what the package re-exports."""

__version__ = "0.1.0"
