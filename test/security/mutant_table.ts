// A property for each number, and the change that takes it away.
//
// Exports `mutants`.

export interface Mutant {
  number: string
  /** The test that has to fail, below test/security. */
  test: string
  file: string
  from: string
  to: string
}

// prettier-ignore
export const mutants: Mutant[] = [
  { number: 'S-01', test: 's01_search_path', file: 'sql/token/recover.sql', from: 'set search_path = pg_catalog, pg_temp', to: "set search_path = ''" },
  { number: 'S-02', test: 's02_execute', file: 'sql/key/api_key.sql', from: 'comment on function', to: 'grant execute on function auth.api_key to public;\ncomment on function' },
  { number: 'S-03', test: 's03_tables', file: 'sql/user/get_user.sql', from: 'comment on function', to: 'grant select on auth.users to authenticated;\ncomment on function' },
  { number: 'S-04', test: 's04_gateway_role', file: 'migrations/roles.sql', from: "('authenticator', 'login noinherit'", to: "('authenticator', 'login inherit'" },
  { number: 'S-05', test: 's05_identity', file: 'sql/door/set_request.sql', from: "claims ->> 'sub', '')", to: "request -> 'headers' ->> 'x-user-id', claims ->> 'sub', '')" },
  { number: 'S-06', test: 's06_keys', file: 'sql/key/jwt_secret.sql', from: 'comment on function', to: 'create view auth.leak as select * from auth_private.signing_keys; grant select on auth.leak to anon;\ncomment on function' },
  { number: 'S-07', test: 's07_attempts', file: 'sql/token/verify.sql', from: "return auth_private.refused('otp_expired')", to: "perform auth_private.refuse('otp_expired')" },
  { number: 'S-08', test: 's08_bcrypt', file: 'sql/user/check_password.sql', from: '> 72', to: '> 7200' },
  { number: 'S-09', test: 's09_logs', file: 'sql/session/signin.sql', from: 'begin\n', to: "begin\n  raise log 'signs in with %', signin.password;\n" },
  { number: 'S-10', test: 's10_errors', file: 'gateway/postgres_error.ts', from: 'raised && error.detail', to: 'error.detail' },
  { number: 'S-11', test: 's11_limits', file: 'sql/token/recover.sql', from: "perform auth_private.cool_down(address, 'recovery');", to: '' },
  { number: 'S-11', test: 's11_limits', file: 'sql/limit/limit_key.sql', from: 'set_masklen(address, 64)', to: 'set_masklen(address, 128)' },
  { number: 'S-12', test: 's12_rotation', file: 'sql/session/hold_session.sql', from: ' for update', to: '' },
  { number: 'S-13', test: 's13_reuse', file: 'sql/session/refresh_reused.sql', from: 'delete from auth.sessions s where s.id = session.id;', to: '' },
  { number: 'S-14', test: 's14_session_ends', file: 'sql/session/refresh.sql', from: 'perform auth_private.check_session(held);', to: '' },
  { number: 'S-15', test: 's15_dies_at_once', file: 'sql/session/admit.sql', from: 'if session <> no_session and bearer.session_id is null then', to: 'if false then' },
  { number: 'S-15', test: 's15_dies_at_once', file: 'sql/session/revoke_session.sql', from: 'delete from auth.sessions s', to: 'update auth.sessions s set updated_at = now()' },
  { number: 'S-16', test: 's16_one_time_tokens', file: 'sql/token/issue_token.sql', from: 'random_bytes(32)', to: 'random_bytes(8)' },
  { number: 'S-17', test: 's17_where_tokens_go', file: 'sql/mail/nudge_worker.sql', from: "pg_notify('pgtrue_outbox', '')", to: "pg_notify('pgtrue_outbox', coalesce((select o.variables ->> 'Token' from auth_private.outbox o order by o.id desc limit 1), ''))" },
  { number: 'S-18', test: 's18_enumeration', file: 'sql/token/recover.sql', from: 'perform auth_private.send_decoy(address);', to: '' },
  { number: 'S-19', test: 's19_scanners', file: 'sql/token/verify_link.sql', from: 'if not (select s.mailer_link_confirmation_page from auth_private.settings s)', to: 'if true' },
  { number: 'S-20', test: 's20_other_sites', file: 'gateway/provider/issuer.ts', from: 'if (everyone.includes(tenant))', to: 'if (tenant)' },
  { number: 'S-20', test: 's20_other_sites', file: 'gateway/provider/id_token_grant.ts', from: "audience !== '' && audiences.includes(audience)", to: "audience !== ''" },
  { number: 'S-20', test: 's20_other_sites', file: 'gateway/provider/id_token_grant.ts', from: 'if (!config.skipNonceCheck)', to: 'if (request.nonce === undefined && !config.skipNonceCheck)' },
  { number: 'S-20', test: 's20_other_sites', file: 'sql/identity/find_owner.sql', from: 'where i.provider_id = find_owner.subject and i.provider = find_owner.provider', to: 'where i.provider_id = find_owner.subject' },
  { number: 'S-21', test: 's21_takeover', file: 'sql/user/settle_password.sql', from: "update auth.users u set encrypted_password = ''", to: 'update auth.users u set updated_at = now()' },
  { number: 'S-21', test: 's21_takeover', file: 'sql/identity/oust_squatter.sql', from: 'perform auth_private.end_all_access(oust_squatter.user_id);', to: '' },
  { number: 'S-21', test: 's21_takeover', file: 'sql/identity/profile_emails.sql', from: "filter (where (e.it ->> 'verified')::boolean)", to: '' },
  { number: 'S-21', test: 's21_takeover', file: 'sql/identity/find_owner.sql', from: "and (i.identity_data ->> 'email_verified' = 'true' or u.email = i.email)", to: '' },
  { number: 'S-22', test: 's22_redirects', file: 'sql/mail/redirect_target.sql', from: 'when auth_private.redirect_allowed(redirect_target.redirect_to)', to: "when redirect_target.redirect_to <> ''" },
  { number: 'S-22', test: 's22_redirects', file: 'sql/oauth/spend_state.sql', from: 'and f.auth_code is null and f.user_id is null', to: '' },
  { number: 'S-22', test: 's22_redirects', file: 'sql/oauth/open_oauth.sql', from: 'auth_private.redirect_target(open_oauth.redirect_to)', to: 'open_oauth.redirect_to' },
  { number: 'S-23', test: 's23_jwt', file: 'sql/key/verifying_keys.sql', from: "where k.status <> 'revoked'", to: 'where true' },
  { number: 'S-23', test: 's23_jwt', file: 'gateway/token.ts', from: "known.some(named) || alg !== 'HS256' ? able.filter(named) : able", to: 'able' },
  { number: 'S-24', test: 's24_second_factor', file: 'sql/user/require_aal2.sql', from: "auth.aal() is distinct from 'aal2'", to: 'false' },
  { number: 'S-26', test: 's26_recovery', file: 'sql/user/require_aal2.sql', from: "auth.aal() is distinct from 'aal2'", to: 'false' },
  { number: 'S-27', test: 's27_changes', file: 'sql/user/confirm_email_change.sql', from: 'if settings.mailer_secure_email_change_enabled', to: 'if settings.mailer_secure_email_change_enabled and not settings.mailer_autoconfirm' },
  { number: 'S-28', test: 's28_passwords', file: 'sql/crypto/normal_password.sql', from: 'normalize(password, nfc)', to: 'password' },
  { number: 'S-29', test: 's29_metadata', file: 'sql/user/update_user.sql', from: 'and not auth_private.is_admin(actor)', to: 'and false' },
  { number: 'S-30', test: 's30_audit', file: 'sql/admin/admin_delete_user.sql', from: 'begin\n', to: 'begin\n  delete from auth.audit_log_entries;\n' },
  { number: 'S-31', test: 's31_hosts', file: 'sql/mail/link.sql', from: "select substring(s.api_external_url from '^[a-z]+://[^/]+')", to: "select coalesce('http://' || auth_private.request_header('x-forwarded-host'), substring(s.api_external_url from '^[a-z]+://[^/]+'))" },
  { number: 'S-32', test: 's32_hash_lane', file: 'gateway/database.ts', from: 'limit: 50 * cores', to: 'limit: 5000 * cores' },
]
