using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Toolkit;

namespace OpsConsole.Data.Configurations;

internal sealed class ToolkitExportConfiguration : IEntityTypeConfiguration<ToolkitExport>
{
    public void Configure(EntityTypeBuilder<ToolkitExport> builder)
    {
        builder.ToTable("toolkit_exports").HasKey(e => e.Id);
        builder.Ignore(e => e.Data);
        builder.HasIndex(e => e.Sha256).HasDatabaseName("ix_toolkit_exports_sha256");
        builder.HasIndex(e => new { e.RolloutId, e.At }).HasDatabaseName("ix_toolkit_exports_rollout");
    }
}

internal sealed class SharedFileConfiguration : IEntityTypeConfiguration<SharedFile>
{
    public void Configure(EntityTypeBuilder<SharedFile> builder)
    {
        builder.ToTable("toolkit_shared").HasKey(f => f.ExportId);
        builder.HasIndex(f => f.Until).HasDatabaseName("ix_toolkit_shared_until");
    }
}
