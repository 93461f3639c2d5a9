using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Windows : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "confirm_by",
                table: "decisions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "reversible_windows",
                columns: table => new
                {
                    decision_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    decision_id = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    agent_id = table.Column<string>(type: "TEXT", nullable: false),
                    writes = table.Column<int>(type: "INTEGER", nullable: false),
                    reported_at = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false),
                    required = table.Column<bool>(type: "INTEGER", nullable: false),
                    state = table.Column<int>(type: "INTEGER", nullable: false),
                    ended_by = table.Column<string>(type: "TEXT", nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    words = table.Column<string>(type: "TEXT", nullable: true),
                    plan_id = table.Column<string>(type: "TEXT", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
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
                "SELECT d.seq, d.id, d.rollout_id, d.agent_id, o.write_count, o.at, d.reversible_until, 0, 0, 1 FROM decisions d JOIN outcomes o ON o.decision_seq = d.seq WHERE d.reversible_until > CAST(strftime('%s', 'now') AS INTEGER) * 1000000 AND o.write_count > 0");
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
