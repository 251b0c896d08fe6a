"""Tests: mirrors the package."""
