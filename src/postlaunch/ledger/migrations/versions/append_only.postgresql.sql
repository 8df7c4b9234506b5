CREATE FUNCTION postlaunch_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
FOR EACH ROW EXECUTE FUNCTION postlaunch_stays('a decision is never changed');

CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
FOR EACH ROW EXECUTE FUNCTION postlaunch_stays('a decision is never deleted');

CREATE TRIGGER decisions_are_kept BEFORE TRUNCATE ON decisions
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('a decision is never deleted');

CREATE TRIGGER commitments_stay BEFORE UPDATE ON commitments
FOR EACH ROW EXECUTE FUNCTION postlaunch_stays('a commitment is never changed');

CREATE TRIGGER commitments_remain BEFORE DELETE ON commitments
FOR EACH ROW EXECUTE FUNCTION postlaunch_stays('a commitment is never deleted');

CREATE TRIGGER commitments_are_kept BEFORE TRUNCATE ON commitments
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('a commitment is never deleted');
