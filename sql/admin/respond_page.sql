create or replace function auth_private.respond_page(
  total bigint,
  page integer,
  per_page integer,
  query jsonb
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  path constant text := coalesce(nullif(current_setting('request.path', true), ''), '/');
  last bigint := (total + respond_page.per_page - 1) / respond_page.per_page;
  links text[];
begin
  if last > respond_page.page then
    links := array[format('<%s>; rel="next"', auth_private.url_with(
      path, respond_page.query || jsonb_build_object('page', respond_page.page + 1), null))];
  end if;
  links := links || format('<%s>; rel="last"', auth_private.url_with(
    path, respond_page.query || jsonb_build_object('page', last), null));

  perform auth_private.respond(200, jsonb_build_object(
    'X-Total-Count', respond_page.total, 'Link', array_to_string(links, ', ')));
end
$$;

comment on function auth_private.respond_page is
  'Answers a part of a list with X-Total-Count, and Link (RFC 8288) to the next and the last page: the URL of the request with the query, in which null is absent.';
