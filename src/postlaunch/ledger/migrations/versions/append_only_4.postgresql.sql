CREATE FUNCTION postlaunch_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE TRIGGER gate_journal_stay BEFORE UPDATE ON gate_journal
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('an entry of the gate''s journal is never changed');

CREATE TRIGGER gate_journal_remain BEFORE DELETE ON gate_journal
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('an entry of the gate''s journal is never deleted');

CREATE TRIGGER approval_tokens_stay BEFORE UPDATE ON approval_tokens
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('an approval token is never changed');

CREATE TRIGGER approval_tokens_remain BEFORE DELETE ON approval_tokens
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('an approval token is never deleted');

CREATE TRIGGER token_revocations_stay BEFORE UPDATE ON token_revocations
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a revocation of a token is never changed');

CREATE TRIGGER token_revocations_remain BEFORE DELETE ON token_revocations
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a revocation of a token is never deleted');

CREATE TRIGGER amendments_stay BEFORE UPDATE ON amendments
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('an amendment is never changed');

CREATE TRIGGER amendments_remain BEFORE DELETE ON amendments
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('an amendment is never deleted');

CREATE TRIGGER requests_stay BEFORE UPDATE OF id, gate, run, round, proposal, digest, options, approvers, summary, requested_at, expires_at, trust, signers ON requests
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('what a request shows is never changed');

CREATE TRIGGER requests_remain BEFORE DELETE ON requests
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a request is never deleted');
