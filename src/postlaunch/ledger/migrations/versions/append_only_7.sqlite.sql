CREATE TRIGGER link_uses_stay BEFORE UPDATE ON link_uses
BEGIN SELECT RAISE(ABORT, 'the use of a link is never changed'); END;

CREATE TRIGGER link_uses_remain BEFORE DELETE ON link_uses
BEGIN SELECT RAISE(ABORT, 'the use of a link is never deleted'); END;

CREATE TRIGGER requests_keep_their_key BEFORE UPDATE OF link_key ON requests
BEGIN SELECT RAISE(ABORT, 'the key of a request is never changed'); END;
