"""The shop's pages: the merchant's side, the clip's side, the buyer's side, and the provider's door."""
