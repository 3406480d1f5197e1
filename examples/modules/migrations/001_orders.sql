create table orders (
  id text primary key,
  total integer not null check (total >= 0)
);
