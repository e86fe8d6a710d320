"""填报: forms that ask enterprises only for what is not known yet, and the reporting tasks that send them out."""
