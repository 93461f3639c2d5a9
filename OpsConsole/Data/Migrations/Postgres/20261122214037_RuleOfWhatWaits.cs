using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RuleOfWhatWaits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "rule",
                table: "approvals",
                type: "text",
                nullable: true,
                computedColumnSql: "lower((terms::jsonb ->> 'RuleId') COLLATE \"C\")",
                stored: true);

            migrationBuilder.CreateIndex(
                name: "ix_approvals_queue_rule",
                table: "approvals",
                columns: new[] { "rule", "expires_at", "seq" },
                filter: "status = 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_approvals_queue_rule",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "rule",
                table: "approvals");
        }
    }
}
