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

internal sealed class RolloutLiveryConfiguration : IEntityTypeConfiguration<RolloutLivery>
{
    public void Configure(EntityTypeBuilder<RolloutLivery> builder) => builder.ToTable("toolkit_livery").HasKey(l => l.RolloutId);
}

internal sealed class FileLinkConfiguration : IEntityTypeConfiguration<FileLink>
{
    public void Configure(EntityTypeBuilder<FileLink> builder)
    {
        builder.ToTable("toolkit_links").HasKey(l => l.Id);
        builder.HasIndex(l => l.Until).HasDatabaseName("ix_toolkit_links_until");
        builder.HasIndex(l => new { l.RolloutId, l.Until }).HasDatabaseName("ix_toolkit_links_rollout");
    }
}

internal sealed class FilePartConfiguration : IEntityTypeConfiguration<FilePart>
{
    public void Configure(EntityTypeBuilder<FilePart> builder) => builder.ToTable("toolkit_parts").HasKey(p => new { p.LinkId, p.Number });
}
