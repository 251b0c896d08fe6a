"""Tests of the networks behind the top rungs of the ladder."""
