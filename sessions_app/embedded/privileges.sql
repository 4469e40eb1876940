-- Rights inside one database. Run as a superuser, or as sessions_owner in a database it owns.
-- Run in template1, all of it is copied into every database made from there later.

-- Only the owner makes things; whoever else can connect sees nothing unless granted below.
ALTER SCHEMA public OWNER TO sessions_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sessions_runtime, sessions_backup;

-- The app works on rows. It never changes tables, and row policies hold for it.
ALTER DEFAULT PRIVILEGES FOR ROLE sessions_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sessions_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE sessions_owner
    GRANT USAGE, SELECT ON SEQUENCES TO sessions_runtime;

-- Functions may run with their owner's rights: callable by the app, not by everybody.
ALTER DEFAULT PRIVILEGES FOR ROLE sessions_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE sessions_owner
    GRANT EXECUTE ON FUNCTIONS TO sessions_runtime;

-- A back-up reads everything, also the rows that policies hide from the app.
ALTER DEFAULT PRIVILEGES FOR ROLE sessions_owner
    GRANT SELECT ON TABLES TO sessions_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE sessions_owner
    GRANT SELECT ON SEQUENCES TO sessions_backup;
