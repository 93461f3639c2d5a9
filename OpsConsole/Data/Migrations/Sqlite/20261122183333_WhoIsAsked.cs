using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class WhoIsAsked : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "asking",
                table: "approvals",
                type: "TEXT",
                nullable: true,
                computedColumnSql: "rollout_id || ' ' || json_extract(terms, '$.Approvers')",
                stored: false);

            migrationBuilder.CreateIndex(
                name: "ix_approvals_asking",
                table: "approvals",
                columns: new[] { "asking", "expires_at", "seq" },
                filter: "status = 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_approvals_asking",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "asking",
                table: "approvals");
        }
    }
}
