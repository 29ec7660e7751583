"""Demonstration deliveries: the files that departments and third parties would send about invented enterprises."""

from innozone.demo.deliveries import File, Manifest, generate
from innozone.demo.population import UnsuitablePack

__all__ = ["File", "Manifest", "UnsuitablePack", "generate"]
