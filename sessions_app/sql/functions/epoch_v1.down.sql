drop function database_epoch();
