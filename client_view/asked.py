"""What packs ask: clients with their risk, their tier, their profiles.

Here: these relations as SQL. Not here: any pack (judging, offers, allocation).
"""

RISKY = "(SELECT c.*, r.* EXCLUDE (client_number) FROM view_client c JOIN view_risk r USING (client_number))"
TIERED = "(SELECT c.*, t.* EXCLUDE (client_number) FROM view_client c LEFT JOIN view_tier t USING (client_number))"
SEGMENT = f"(SELECT t.*, p.profile FROM {TIERED} t LEFT JOIN view_profile p USING (client_number))"
"""One row per client and profile; one for a client without."""
