"""Metrics of rankings: documents in ranked order with their judgements, as trec_eval defines them."""
