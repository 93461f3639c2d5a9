using Microsoft.EntityFrameworkCore.Migrations;

namespace OpsConsole.Data.Migrations;

/// <summary>
/// Triggers that keep the log gapless and append-only, published matrices unchangeable, and payloads where they are until an entry says that one is redacted,
/// against everybody who has the database's ordinary rights.
/// </summary>
internal static class AppendOnly
{
    private const string NotRedacted = "NOT EXISTS (SELECT 1 FROM audit_entries WHERE event = 'payload.redacted' AND object = 'entry:' || OLD.seq)";

    public static void CreateOnSqlite(MigrationBuilder migration)
    {
        foreach (var table in (string[])["audit_entries", "matrix_versions", "outcomes"])
        {
            foreach (var verb in (string[])["UPDATE", "DELETE"])
            {
                migration.Sql($"CREATE TRIGGER {table}_no_{verb.ToLowerInvariant()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;");
            }
        }
        migration.Sql("CREATE TRIGGER audit_payloads_no_update BEFORE UPDATE ON audit_payloads BEGIN SELECT RAISE(ABORT, 'audit_payloads is append-only'); END;");
        migration.Sql($"CREATE TRIGGER audit_payloads_no_delete BEFORE DELETE ON audit_payloads WHEN {NotRedacted} BEGIN SELECT RAISE(ABORT, 'audit_payloads is append-only'); END;");
        // REPLACE removes the row in its way without asking the delete triggers.
        foreach (var (table, same) in (ReadOnlySpan<(string, string)>)[("matrix_versions", "rollout_id = NEW.rollout_id AND number = NEW.number"), ("outcomes", "decision_seq = NEW.decision_seq"), ("audit_payloads", "seq = NEW.seq")])
        {
            migration.Sql($"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;");
        }
        migration.Sql("CREATE TRIGGER audit_entries_gapless BEFORE INSERT ON audit_entries WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit_entries) " +
            "BEGIN SELECT RAISE(ABORT, 'audit_entries is gapless'); END;");
    }

    public static void CreateOnPostgres(MigrationBuilder migration)
    {
        migration.Sql("CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;");
        foreach (var table in (string[])["audit_entries", "matrix_versions", "outcomes"])
        {
            migration.Sql($"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();");
            migration.Sql($"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();");
        }
        migration.Sql("CREATE FUNCTION refuse_unrecorded_redaction() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " +
            $"IF {NotRedacted} THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN OLD; END $$;");
        migration.Sql("CREATE TRIGGER audit_payloads_no_update BEFORE UPDATE ON audit_payloads FOR EACH ROW EXECUTE FUNCTION refuse_change();");
        migration.Sql("CREATE TRIGGER audit_payloads_no_delete BEFORE DELETE ON audit_payloads FOR EACH ROW EXECUTE FUNCTION refuse_unrecorded_redaction();");
        migration.Sql("CREATE TRIGGER audit_payloads_no_truncate BEFORE TRUNCATE ON audit_payloads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();");
        // Once per statement, after it: what was inserted must continue what was there without a hole.
        migration.Sql("CREATE FUNCTION audit_gapless() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " +
            "IF (SELECT max(seq) - min(seq) + 1 <> count(*) FROM inserted) OR ((SELECT min(seq) FROM inserted) <> 1 AND NOT EXISTS (SELECT 1 FROM audit_entries WHERE seq = (SELECT min(seq) - 1 FROM inserted))) " +
            "THEN RAISE EXCEPTION 'audit_entries is gapless'; END IF; RETURN NULL; END $$;");
        migration.Sql("CREATE TRIGGER audit_entries_gapless AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION audit_gapless();");
    }
}
