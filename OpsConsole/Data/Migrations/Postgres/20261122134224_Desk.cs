using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Desk : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<double>(
                name: "amount",
                table: "approvals",
                type: "double precision",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_approvals_amount",
                table: "approvals",
                columns: new[] { "amount", "expires_at", "seq" },
                descending: new[] { true, false, false },
                filter: "status = 0");

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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_approvals_amount",
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

            migrationBuilder.DropColumn(
                name: "amount",
                table: "approvals");
        }
    }
}
