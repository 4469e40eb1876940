drop policy of_my_projects on socket_tickets;
drop policy owner_all on socket_tickets;
alter table socket_tickets no force row level security;
alter table socket_tickets disable row level security;

drop policy of_my_projects on webhooks;
drop policy owner_all on webhooks;
alter table webhooks no force row level security;
alter table webhooks disable row level security;

drop policy of_my_projects on webhook_deliveries;
drop policy owner_all on webhook_deliveries;
alter table webhook_deliveries no force row level security;
alter table webhook_deliveries disable row level security;

drop policy of_the_caller on idempotency_keys;
drop policy owner_all on idempotency_keys;
alter table idempotency_keys no force row level security;
alter table idempotency_keys disable row level security;
