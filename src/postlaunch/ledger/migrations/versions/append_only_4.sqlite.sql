CREATE TRIGGER gate_journal_stay BEFORE UPDATE ON gate_journal
BEGIN SELECT RAISE(ABORT, 'an entry of the gate''s journal is never changed'); END;

CREATE TRIGGER gate_journal_remain BEFORE DELETE ON gate_journal
BEGIN SELECT RAISE(ABORT, 'an entry of the gate''s journal is never deleted'); END;

CREATE TRIGGER approval_tokens_stay BEFORE UPDATE ON approval_tokens
BEGIN SELECT RAISE(ABORT, 'an approval token is never changed'); END;

CREATE TRIGGER approval_tokens_remain BEFORE DELETE ON approval_tokens
BEGIN SELECT RAISE(ABORT, 'an approval token is never deleted'); END;

CREATE TRIGGER token_revocations_stay BEFORE UPDATE ON token_revocations
BEGIN SELECT RAISE(ABORT, 'a revocation of a token is never changed'); END;

CREATE TRIGGER token_revocations_remain BEFORE DELETE ON token_revocations
BEGIN SELECT RAISE(ABORT, 'a revocation of a token is never deleted'); END;

CREATE TRIGGER amendments_stay BEFORE UPDATE ON amendments
BEGIN SELECT RAISE(ABORT, 'an amendment is never changed'); END;

CREATE TRIGGER amendments_remain BEFORE DELETE ON amendments
BEGIN SELECT RAISE(ABORT, 'an amendment is never deleted'); END;

CREATE TRIGGER requests_stay BEFORE UPDATE OF id, gate, run, round, proposal, digest, options, approvers, summary, requested_at, expires_at, trust, signers ON requests
BEGIN SELECT RAISE(ABORT, 'what a request shows is never changed'); END;

CREATE TRIGGER requests_remain BEFORE DELETE ON requests
BEGIN SELECT RAISE(ABORT, 'a request is never deleted'); END;
