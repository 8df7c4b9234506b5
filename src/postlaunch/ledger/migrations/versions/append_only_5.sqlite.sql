CREATE TRIGGER deployments_stay BEFORE UPDATE ON deployments
BEGIN SELECT RAISE(ABORT, 'a deployment is never changed'); END;

CREATE TRIGGER deployments_remain BEFORE DELETE ON deployments
BEGIN SELECT RAISE(ABORT, 'a deployment is never deleted'); END;
