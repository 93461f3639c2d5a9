using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ApproversDesk : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "reason_codes",
                table: "rollouts",
                type: "text",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<bool>(
                name: "rotate_approvers",
                table: "rollouts",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "time_zone",
                table: "people",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "work_days",
                table: "people",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<TimeOnly>(
                name: "work_from",
                table: "people",
                type: "time without time zone",
                nullable: true);

            migrationBuilder.AddColumn<TimeOnly>(
                name: "work_until",
                table: "people",
                type: "time without time zone",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "amount",
                table: "approvals",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "claimed_at",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claimed_by",
                table: "approvals",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "claimed_until",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "clock_from",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "handed_on",
                table: "approvals",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "remind_at",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "reminded_at",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "turn",
                table: "approvals",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "turn_since",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "absences",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<string>(type: "text", nullable: false),
                    from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    delegate_id = table.Column<string>(type: "text", nullable: true),
                    note = table.Column<string>(type: "text", nullable: true),
                    by = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_absences", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "approval_questions",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    approval_seq = table.Column<long>(type: "bigint", nullable: false),
                    to = table.Column<int>(type: "integer", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    asked_by = table.Column<string>(type: "text", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    answer = table.Column<string>(type: "text", nullable: true),
                    answered_by = table.Column<string>(type: "text", nullable: true),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_approval_questions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "chat_channels",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    host = table.Column<string>(type: "text", nullable: false),
                    choice = table.Column<string>(type: "text", nullable: false),
                    by = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    since = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_chat_channels", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "eval_cases",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<string>(type: "text", nullable: true),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    agent_id = table.Column<string>(type: "text", nullable: false),
                    approval_id = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    call = table.Column<string>(type: "text", nullable: false),
                    category = table.Column<string>(type: "text", nullable: false),
                    reason_code = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    removed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_eval_cases", x => x.seq);
                });

            migrationBuilder.CreateTable(
                name: "last_approvers",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    rule_id = table.Column<string>(type: "text", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    people = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_last_approvers", x => new { x.rollout_id, x.rule_id });
                });

            migrationBuilder.CreateTable(
                name: "notice_deliveries",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<string>(type: "text", nullable: true),
                    rollout_id = table.Column<string>(type: "text", nullable: true),
                    @event = table.Column<string>(name: "event", type: "text", nullable: false),
                    subject_id = table.Column<string>(type: "text", nullable: true),
                    seqs = table.Column<string>(type: "text", nullable: false),
                    endpoint_id = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    tries = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: true),
                    says = table.Column<string>(type: "text", nullable: true),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_notice_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "notice_place",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_notice_place", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "notice_preferences",
                columns: table => new
                {
                    person_id = table.Column<string>(type: "text", nullable: false),
                    wishes = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_notice_preferences", x => x.person_id);
                });

            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    person_id = table.Column<string>(type: "text", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    subject_id = table.Column<string>(type: "text", nullable: false),
                    high = table.Column<bool>(type: "boolean", nullable: false),
                    asked = table.Column<bool>(type: "boolean", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_notices", x => new { x.person_id, x.seq });
                });

            migrationBuilder.CreateTable(
                name: "saved_views",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    query = table.Column<string>(type: "text", nullable: false),
                    @default = table.Column<bool>(name: "default", type: "boolean", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_saved_views", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "second_looks",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    by = table.Column<string>(type: "text", nullable: true),
                    agrees = table.Column<bool>(type: "boolean", nullable: true),
                    words = table.Column<string>(type: "text", nullable: true),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_second_looks", x => x.seq);
                });

            migrationBuilder.CreateIndex(
                name: "ix_approvals_agent_action",
                table: "approvals",
                columns: new[] { "agent_id", "action", "seq" },
                filter: "status <> 0");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_amount",
                table: "approvals",
                columns: new[] { "amount", "expires_at", "seq" },
                descending: new[] { true, false, false },
                filter: "status = 0");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_claimed",
                table: "approvals",
                columns: new[] { "claimed_until", "seq" },
                filter: "claimed_until IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_decided",
                table: "approvals",
                columns: new[] { "rollout_id", "decided_at", "seq" },
                filter: "decided_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_due_handed_on",
                table: "approvals",
                columns: new[] { "expires_at", "seq" },
                filter: "status = 0 AND handed_on");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_due_low",
                table: "approvals",
                columns: new[] { "expires_at", "seq" },
                filter: "status = 0 AND NOT high_consequence");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_queue_action",
                table: "approvals",
                columns: new[] { "action", "expires_at", "seq" },
                filter: "status = 0");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_queue_agent",
                table: "approvals",
                columns: new[] { "agent_id", "expires_at", "seq" },
                filter: "status = 0");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_queue_amount",
                table: "approvals",
                columns: new[] { "rollout_id", "amount", "expires_at", "seq" },
                descending: new[] { false, true, false, false },
                filter: "status = 0");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_queue_low",
                table: "approvals",
                columns: new[] { "rollout_id", "expires_at", "seq" },
                filter: "status = 0 AND NOT high_consequence");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_remind",
                table: "approvals",
                columns: new[] { "remind_at", "seq" },
                filter: "status = 0 AND remind_at IS NOT NULL AND claimed_until IS NULL AND turn = 0");

            migrationBuilder.CreateIndex(
                name: "ix_absences_person",
                table: "absences",
                columns: new[] { "person_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_absences_until",
                table: "absences",
                column: "until");

            migrationBuilder.CreateIndex(
                name: "ix_approval_questions_approval",
                table: "approval_questions",
                columns: new[] { "approval_seq", "asked_at" });

            migrationBuilder.CreateIndex(
                name: "ix_chat_channels_rollout",
                table: "chat_channels",
                column: "rollout_id");

            migrationBuilder.CreateIndex(
                name: "ix_eval_cases_rollout",
                table: "eval_cases",
                columns: new[] { "rollout_id", "seq" },
                filter: "removed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_notice_deliveries_at",
                table: "notice_deliveries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_notice_deliveries_due",
                table: "notice_deliveries",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_notice_deliveries_endpoint",
                table: "notice_deliveries",
                columns: new[] { "endpoint_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_notice_deliveries_person",
                table: "notice_deliveries",
                columns: new[] { "person_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_notices_at",
                table: "notices",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_notices_subject",
                table: "notices",
                column: "subject_id");

            migrationBuilder.CreateIndex(
                name: "ix_notices_unread",
                table: "notices",
                columns: new[] { "person_id", "seq" },
                filter: "read_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_saved_views_person",
                table: "saved_views",
                columns: new[] { "person_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_second_looks_open",
                table: "second_looks",
                columns: new[] { "rollout_id", "seq" },
                filter: "answered_at IS NULL");

            // What happened before is told to nobody: whoever is asked already finds it on the desk.
            migrationBuilder.Sql("INSERT INTO notice_place (id, seq) SELECT 1, COALESCE(MAX(seq), 0) FROM audit_entries");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "absences");

            migrationBuilder.DropTable(
                name: "approval_questions");

            migrationBuilder.DropTable(
                name: "chat_channels");

            migrationBuilder.DropTable(
                name: "eval_cases");

            migrationBuilder.DropTable(
                name: "last_approvers");

            migrationBuilder.DropTable(
                name: "notice_deliveries");

            migrationBuilder.DropTable(
                name: "notice_place");

            migrationBuilder.DropTable(
                name: "notice_preferences");

            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "saved_views");

            migrationBuilder.DropTable(
                name: "second_looks");

            migrationBuilder.DropIndex(
                name: "ix_approvals_agent_action",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_amount",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_claimed",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_decided",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_due_handed_on",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_due_low",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_queue_action",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_queue_agent",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_queue_amount",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_queue_low",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_remind",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "reason_codes",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "rotate_approvers",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "time_zone",
                table: "people");

            migrationBuilder.DropColumn(
                name: "work_days",
                table: "people");

            migrationBuilder.DropColumn(
                name: "work_from",
                table: "people");

            migrationBuilder.DropColumn(
                name: "work_until",
                table: "people");

            migrationBuilder.DropColumn(
                name: "amount",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "claimed_at",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "claimed_by",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "claimed_until",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "clock_from",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "handed_on",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "remind_at",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "reminded_at",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "turn",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "turn_since",
                table: "approvals");
        }
    }
}
