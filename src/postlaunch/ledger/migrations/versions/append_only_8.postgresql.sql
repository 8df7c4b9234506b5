CREATE TRIGGER gate_journal_is_kept BEFORE TRUNCATE ON gate_journal
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('an entry of the gate''s journal is never deleted');

CREATE TRIGGER approval_tokens_are_kept BEFORE TRUNCATE ON approval_tokens
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('an approval token is never deleted');

CREATE TRIGGER token_revocations_are_kept BEFORE TRUNCATE ON token_revocations
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('a revocation of a token is never deleted');

CREATE TRIGGER amendments_are_kept BEFORE TRUNCATE ON amendments
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('an amendment is never deleted');

CREATE TRIGGER requests_are_kept BEFORE TRUNCATE ON requests
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('a request is never deleted');

CREATE TRIGGER deployments_are_kept BEFORE TRUNCATE ON deployments
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('what went live is never deleted');

CREATE TRIGGER feedback_decisions_are_kept BEFORE TRUNCATE ON feedback_decisions
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('a decision about groups is never deleted');

CREATE TRIGGER link_uses_are_kept BEFORE TRUNCATE ON link_uses
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('the use of a link is never deleted');
