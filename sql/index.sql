-- All the code there is, in the order in which it can be made. Safe to run again.

set local role auth_owner;

-- Where pgcrypto is: functions that call it are bound to it here, once.
select set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), true)
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where e.extname = 'pgcrypto';

--! include crypto/hmac_sha256.sql
--! include crypto/random_bytes.sql
--! include crypto/bcrypt.sql
--! include crypto/normal_password.sql
--! include crypto/hash_password.sql
--! include crypto/password_matches.sql
--! include crypto/base64url.sql
--! include crypto/from_base64url.sql
--! include crypto/sha256_hex.sql

--! include error/errors.sql
--! include error/refuse.sql
--! include error/check_object.sql
--! include door/respond.sql
--! include error/refused.sql

--! include policy/uid.sql
--! include policy/role.sql
--! include policy/email.sql
--! include policy/jwt.sql
--! include policy/session_id.sql
--! include policy/aal.sql
--! include policy/email_domain.sql
--! include policy/is_anonymous.sql
--! include policy/claim.sql

--! include door/request_header.sql
--! include door/client_ip.sql

--! include setting/setting_list.sql
--! include setting/setting_duration.sql
--! include setting/configure.sql
--! include setting/settings.sql
--! include setting/nudge_gateways.sql

--! include key/sign_jwt.sql
--! include key/api_key.sql
--! include key/jwt_secret.sql
--! include key/use_jwt_secret.sql
--! include key/gateway_config.sql

--! include audit/audit.sql

--! include user/is_email.sql
--! include user/validate_email.sql
--! include user/password_weakness.sql
--! include user/check_password.sql
--! include user/requested_aud.sql
--! include user/find_user.sql
--! include phone/phone_digits.sql
--! include phone/is_phone.sql
--! include phone/validate_phone.sql
--! include phone/find_user_by_phone.sql
--! include user/settle_password.sql
--! include user/contest_password.sql
--! include user/insert_user.sql
--! include user/create_user.sql
--! include user/confirm_email.sql
--! include user/refresh_providers.sql
--! include user/rfc3339.sql
--! include user/identities_json.sql
--! include user/factors_json.sql
--! include user/user_json.sql
--! include user/current_user_row.sql

--! include session/varint.sql
--! include session/refresh_token.sql
--! include session/parse_refresh_token.sql
--! include session/lacks_factor.sql
--! include session/session_claims.sql
--! include session/session_json.sql
--! include session/open_session.sql
--! include session/session_used_at.sql
--! include session/session_tag.sql
--! include session/session_fault.sql
--! include session/check_session.sql
--! include session/hold_session.sql
--! include session/renew_session.sql
--! include session/refresh_reused.sql
--! include session/refresh_legacy.sql
--! include session/admit_admin.sql
--! include session/admit.sql

--! include mail/url_encode.sql
--! include mail/url_with.sql
--! include mail/parse_url.sql
--! include mail/glob_to_regex.sql
--! include mail/redirect_allowed.sql
--! include mail/redirect_target.sql
--! include mail/link.sql

--! include hook/hook_uri.sql
--! include hook/hook_statement.sql
--! include hook/hook_input.sql
--! include hook/hook_error.sql
--! include hook/hook_refused.sql
--! include hook/call_hook.sql
--! include hook/run_hook.sql
--! include hook/claim_faults.sql
--! include hook/custom_claims.sql
--! include hook/before_user_created.sql
--! include hook/after_user_created.sql
--! include hook/password_attempted.sql
--! include hook/hook_send.sql
--! include hook/hook_email.sql
--! include hook/hook_target.sql

--! include limit/limit_key.sql
--! include limit/request_limit.sql
--! include limit/take_from_bucket.sql
--! include limit/take_request.sql
--! include limit/captcha_fault.sql
--! include limit/gate.sql
--! include limit/send_limit.sql
--! include limit/sends_exhausted.sql
--! include limit/take_send.sql
--! include limit/refuse_send.sql
--! include limit/settle_send.sql
--! include limit/count_send.sql

--! include token/random_digits.sql
--! include token/code_hash.sql
--! include token/issue_code.sql
--! include token/issue_token.sql
--! include token/spend_link.sql
--! include token/spend_code.sql
--! include token/discard_tokens.sql
--! include token/cool_down.sql
--! include token/check_code_challenge.sql
--! include token/open_flow.sql
--! include token/issue_flow_code.sql
--! include token/token_kinds.sql
--! include phone/phone_token_kinds.sql
--! include phone/test_code.sql
--! include phone/spend_test_code.sql
--! include phone/confirm_phone.sql
--! include phone/apply_phone_change.sql
--! include phone/verified_phone.sql
--! include user/apply_email_change.sql
--! include user/confirm_email_change.sql
--! include token/verified.sql
--! include token/half_confirmed.sql
--! include token/oauth_error.sql
--! include token/follow_link.sql

--! include mail/may_get_mail.sql
--! include mail/post_decoy.sql
--! include mail/is_fake_email.sql
--! include mail/check_recipient.sql
--! include mail/post_mail.sql
--! include mail/mail_variables.sql
--! include mail/queue_mail.sql
--! include mail/notify.sql
--! include mail/send_mail.sql
--! include mail/send_email_change.sql
--! include mail/send_decoy.sql
--! include mail/nudge_worker.sql
--! include mail/builtin_templates.sql
--! include mail/sms_expired.sql
--! include mail/template_variables.sql
--! include mail/template_fault.sql
--! include mail/set_template.sql
--! include mail/template_settings.sql
--! include mail/claim_mail.sql
--! include mail/settle_mail.sql
--! include mail/next_mail_at.sql

--! include phone/sms_channel.sql
--! include phone/require_sms_provider.sql
--! include phone/send_sms.sql
--! include phone/send_sms_decoy.sql
--! include phone/ask_to_confirm_phone.sql
--! include phone/send_phone_change.sql
--! include phone/request_phone_change.sql
--! include phone/signup_phone_confirmed.sql
--! include phone/signup_phone.sql
--! include phone/send_sms_otp.sql

--! include user/ask_to_confirm.sql
--! include user/signup_confirmed.sql
--! include user/signup_again.sql
--! include user/signup_anonymous.sql
--! include user/stranger_json.sql
--! include user/signup_obfuscated.sql
--! include user/merge_metadata.sql
--! include user/require_aal2.sql
--! include user/is_admin.sql
--! include user/end_all_access.sql
--! include user/set_password.sql
--! include user/change_password.sql
--! include user/request_email_change.sql
--! include token/send_magic_link.sql

--! include user/signup.sql
--! include user/get_user.sql
--! include user/update_user.sql
--! include user/reauthenticate.sql
--! include session/signin.sql
--! include session/refresh.sql
--! include session/signout.sql
--! include token/magiclink.sql
--! include token/otp.sql
--! include token/recover.sql
--! include token/resend.sql
--! include token/verify.sql
--! include token/confirm_link.sql
--! include token/link_page.sql
--! include token/verify_link.sql
--! include token/exchange_code.sql

--! include admin/ban_end.sql
--! include admin/admin_actor.sql
--! include admin/check_addresses_free.sql
--! include admin/respond_page.sql
--! include admin/fold_user_counts.sql
--! include admin/count_users.sql
--! include admin/recount_users.sql
--! include admin/listed_users.sql
--! include admin/listed_events.sql
--! include admin/link_kinds.sql
--! include admin/set_addresses.sql
--! include admin/obscured.sql
--! include admin/soft_delete.sql
--! include admin/invited.sql
--! include admin/signed_up_by_link.sql
--! include admin/prepare_email_change.sql
--! include admin/admin_create_user.sql
--! include admin/admin_get_user.sql
--! include admin/admin_list_users.sql
--! include admin/admin_update_user.sql
--! include admin/admin_delete_user.sql
--! include admin/invite.sql
--! include admin/admin_generate_link.sql
--! include admin/admin_audit.sql

--! include door/health.sql
--! include door/set_request.sql
--! include door/enter.sql
--! include door/check_argument.sql
--! include door/statement.sql
--! include door/call.sql
--! include door/pre_request.sql
--! include door/act_as.sql
--! include door/act_as_anon.sql

--! include rest/rest_refuse.sql
--! include rest/rest_not_implemented.sql
--! include rest/rest_schema.sql
--! include rest/rest_relation.sql
--! include rest/rest_parameters.sql
--! include rest/rest_result.sql
--! include rest/rest_no_routine.sql
--! include rest/rest_routine.sql
--! include rest/rest_column.sql
--! include rest/rest_cast.sql
--! include rest/rest_items.sql
--! include rest/rest_filter.sql
--! include rest/rest_where.sql
--! include rest/rest_order.sql
--! include rest/rest_returning.sql
--! include rest/rest_written.sql
--! include rest/rest_conflict.sql
--! include rest/rest_insert.sql
--! include rest/rest_update.sql
--! include rest/rest_call.sql
--! include rest/rest_body.sql
--! include rest/rest_plan.sql
--! include rest/rest.sql

--! include policy/protect.sql
--! include lint/exposed_tables.sql
--! include lint/exposed_functions.sql
--! include lint/exposed_policies.sql
--! include lint/alter_policy.sql
--! include lint/wrap_calls.sql
--! include lint/lint_tables_without_rls.sql
--! include lint/lint_rls_without_policies.sql
--! include lint/lint_calls_per_row.sql
--! include lint/lint_policy_columns.sql
--! include lint/lint_user_metadata.sql
--! include lint/lint_policies_to_public.sql
--! include lint/lint_views_of_owner.sql
--! include lint/lint_definers_without_path.sql
--! include lint/lint_definers_for_anon.sql
--! include lint/lint_functions_for_public.sql
--! include lint/lint_tables_anon_writes.sql
--! include lint/lint.sql

reset role;
