"""The scenario: the user's file, resolved with the evidence it opens into inputs."""
