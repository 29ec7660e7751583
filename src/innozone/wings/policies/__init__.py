"""S21, S22 政策通 (三(六)2·专栏9-2): policy texts become items with rules; enterprises are matched and told."""
