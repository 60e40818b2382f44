"""How marketplaces judge the shop: thresholds, values, and the misses that are left."""
