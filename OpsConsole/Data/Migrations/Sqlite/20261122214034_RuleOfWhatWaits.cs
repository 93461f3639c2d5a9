using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
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
                type: "TEXT",
                nullable: true,
                computedColumnSql: "lower(json_extract(terms, '$.RuleId'))",
                stored: false);

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
