"""工作台: what is to be done by whom and until when, what people are told, and how it reaches them."""
