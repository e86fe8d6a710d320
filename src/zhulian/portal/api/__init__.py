"""The public interface, ``/api/v1``: what pages show, as JSON, through the same tenancy filter."""
