"""S69 考核评价 (四(三)): targets of the plan, with the figures behind them."""
