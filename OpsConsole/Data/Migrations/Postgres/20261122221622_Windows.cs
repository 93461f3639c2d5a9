using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Windows : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "confirm_by",
                table: "decisions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "reversible_windows",
                columns: table => new
                {
                    decision_seq = table.Column<long>(type: "bigint", nullable: false),
                    decision_id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    agent_id = table.Column<string>(type: "text", nullable: false),
                    writes = table.Column<int>(type: "integer", nullable: false),
                    reported_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    required = table.Column<bool>(type: "boolean", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    ended_by = table.Column<string>(type: "text", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    words = table.Column<string>(type: "text", nullable: true),
                    plan_id = table.Column<string>(type: "text", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_reversible_windows", x => x.decision_seq);
                });

            migrationBuilder.CreateIndex(
                name: "ix_reversible_windows_escalated",
                table: "reversible_windows",
                columns: new[] { "until", "decision_seq" },
                filter: "state = 4");

            migrationBuilder.CreateIndex(
                name: "ix_reversible_windows_open",
                table: "reversible_windows",
                columns: new[] { "until", "decision_seq" },
                filter: "state = 0");

            migrationBuilder.CreateIndex(
                name: "ix_reversible_windows_required",
                table: "reversible_windows",
                columns: new[] { "until", "decision_seq" },
                filter: "required AND state = 0");

            migrationBuilder.CreateIndex(
                name: "ix_reversible_windows_rollout",
                table: "reversible_windows",
                columns: new[] { "rollout_id", "until", "decision_seq" },
                filter: "state = 0");

            migrationBuilder.CreateIndex(
                name: "ix_reversible_windows_rollout_escalated",
                table: "reversible_windows",
                columns: new[] { "rollout_id", "until", "decision_seq" },
                filter: "state = 4");

            migrationBuilder.CreateIndex(
                name: "ix_reversible_windows_rollout_required",
                table: "reversible_windows",
                columns: new[] { "rollout_id", "until", "decision_seq" },
                filter: "required AND state = 0");
            // What is provisional now can be vetoed.
            migrationBuilder.Sql("INSERT INTO reversible_windows(decision_seq, decision_id, rollout_id, agent_id, writes, reported_at, until, required, state, version) " +
                "SELECT d.seq, d.id, d.rollout_id, d.agent_id, o.write_count, o.at, d.reversible_until, false, 0, 1 FROM decisions d JOIN outcomes o ON o.decision_seq = d.seq WHERE d.reversible_until > now() AND o.write_count > 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "reversible_windows");

            migrationBuilder.DropColumn(
                name: "confirm_by",
                table: "decisions");
        }
    }
}
