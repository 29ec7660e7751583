"""S01, S28 企业 (三(六)2·专栏9-1): the enterprise as a whole, seen by itself and by the staff."""
