"""The rules of `mlcheck diagnose`: what a training log can show."""
