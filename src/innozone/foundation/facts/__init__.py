"""Dictionary, datasets, deliveries, statements, facts, objections, snapshots."""
