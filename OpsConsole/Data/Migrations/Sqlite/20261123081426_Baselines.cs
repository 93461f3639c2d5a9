using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Baselines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "baselines",
                columns: table => new
                {
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: true),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    agent_id = table.Column<string>(type: "TEXT", nullable: false),
                    action = table.Column<string>(type: "TEXT", nullable: false),
                    measure = table.Column<int>(type: "INTEGER", nullable: false),
                    grain = table.Column<int>(type: "INTEGER", nullable: false),
                    points = table.Column<string>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    to = table.Column<long>(type: "INTEGER", nullable: false),
                    centre = table.Column<double>(type: "REAL", nullable: false),
                    sigma = table.Column<double>(type: "REAL", nullable: false),
                    sigma_z = table.Column<double>(type: "REAL", nullable: false),
                    terms = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    fixed_by = table.Column<string>(type: "TEXT", nullable: false),
                    fixed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ended_by = table.Column<string>(type: "TEXT", nullable: true),
                    end_reason = table.Column<string>(type: "TEXT", nullable: true),
                    raised = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_baselines", x => x.seq);
                });

            migrationBuilder.CreateIndex(
                name: "ix_baselines_rollout",
                table: "baselines",
                columns: new[] { "rollout_id", "seq" });

            migrationBuilder.CreateIndex(
                name: "ux_baselines_live",
                table: "baselines",
                columns: new[] { "agent_id", "action", "measure", "grain" },
                unique: true,
                filter: "ended_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "baselines");
        }
    }
}
