using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Undo : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "undo_plans",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<string>(type: "text", nullable: true),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    scope = table.Column<string>(type: "text", nullable: false),
                    incident_id = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    started_by = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    left_out = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_undo_plans", x => x.seq);
                });

            migrationBuilder.CreateTable(
                name: "undo_steps",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    plan_id = table.Column<string>(type: "text", nullable: false),
                    place = table.Column<int>(type: "integer", nullable: false),
                    decision_seq = table.Column<long>(type: "bigint", nullable: false),
                    write_index = table.Column<int>(type: "integer", nullable: false),
                    decision_id = table.Column<string>(type: "text", nullable: false),
                    agent_id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    system = table.Column<string>(type: "text", nullable: false),
                    record = table.Column<string>(type: "text", nullable: false),
                    operation = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    action = table.Column<string>(type: "text", nullable: true),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    runner = table.Column<int>(type: "integer", nullable: false),
                    endpoint_id = table.Column<string>(type: "text", nullable: true),
                    person_id = table.Column<string>(type: "text", nullable: true),
                    state = table.Column<int>(type: "integer", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_by = table.Column<string>(type: "text", nullable: true),
                    says = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_undo_steps", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "written_records",
                columns: table => new
                {
                    audit_seq = table.Column<long>(type: "bigint", nullable: false),
                    write_index = table.Column<int>(type: "integer", nullable: false),
                    decision_seq = table.Column<long>(type: "bigint", nullable: false),
                    agent_id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    system = table.Column<string>(type: "text", nullable: false),
                    record = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_written_records", x => new { x.audit_seq, x.write_index });
                });

            migrationBuilder.CreateIndex(
                name: "ix_undo_plans_id",
                table: "undo_plans",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_undo_plans_incident",
                table: "undo_plans",
                columns: new[] { "incident_id", "seq" },
                filter: "incident_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_undo_plans_rollout",
                table: "undo_plans",
                columns: new[] { "rollout_id", "seq" });

            migrationBuilder.CreateIndex(
                name: "ix_undo_steps_agent",
                table: "undo_steps",
                columns: new[] { "agent_id", "plan_id", "place" },
                filter: "state <= 1 AND runner = 0");

            migrationBuilder.CreateIndex(
                name: "ix_undo_steps_due",
                table: "undo_steps",
                columns: new[] { "runner", "due_at" },
                filter: "state = 1");

            migrationBuilder.CreateIndex(
                name: "ix_undo_steps_endpoint",
                table: "undo_steps",
                columns: new[] { "plan_id", "place" },
                filter: "state = 0 AND runner = 1");

            migrationBuilder.CreateIndex(
                name: "ix_undo_steps_plan",
                table: "undo_steps",
                columns: new[] { "plan_id", "place" });

            migrationBuilder.CreateIndex(
                name: "ix_undo_steps_write",
                table: "undo_steps",
                columns: new[] { "decision_seq", "write_index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_written_records_agent",
                table: "written_records",
                columns: new[] { "agent_id", "audit_seq" });

            migrationBuilder.CreateIndex(
                name: "ix_written_records_target",
                table: "written_records",
                columns: new[] { "system", "record", "audit_seq" });

            // What reports named before this table was there.
            migrationBuilder.Sql("""
                INSERT INTO written_records (audit_seq, write_index, decision_seq, agent_id, rollout_id, at, system, record)
                SELECT o.audit_seq, w.place - 1, o.decision_seq, d.agent_id, d.rollout_id, o.at, w.value ->> 'system', w.value ->> 'record'
                FROM outcomes o JOIN decisions d ON d.seq = o.decision_seq JOIN audit_payloads p ON p.seq = o.audit_seq CROSS JOIN LATERAL jsonb_array_elements(p.body::jsonb -> 'writes') WITH ORDINALITY AS w(value, place)
                WHERE o.write_count > 0
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "undo_plans");

            migrationBuilder.DropTable(
                name: "undo_steps");

            migrationBuilder.DropTable(
                name: "written_records");
        }
    }
}
