using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Webhooks;

namespace OpsConsole.Data.Configurations;

internal sealed class WebhookEndpointConfiguration : IEntityTypeConfiguration<WebhookEndpoint>
{
    public void Configure(EntityTypeBuilder<WebhookEndpoint> builder)
    {
        builder.ToTable("webhook_endpoints").HasKey(e => e.Id);
        builder.Property(e => e.Events).AsJson();
        builder.Property(e => e.Format).HasConversion<string>();
        builder.Ignore(e => e.On);
        builder.HasIndex(e => e.RolloutId).HasDatabaseName("ix_webhook_endpoints_rollout");
    }
}

internal sealed class WebhookDeliveryConfiguration : IEntityTypeConfiguration<WebhookDelivery>
{
    public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
    {
        builder.ToTable("webhook_deliveries").HasKey(d => d.Id);
        builder.Property(d => d.State).HasConversion<string>();
        builder.Property(d => d.Format).HasConversion<string>();
        builder.HasIndex(d => d.DueAt).HasDatabaseName("ix_webhook_deliveries_due");
        builder.HasIndex(d => d.At).HasDatabaseName("ix_webhook_deliveries_at");
        builder.HasIndex(d => new { d.EndpointId, d.Seq }).IsUnique().HasDatabaseName("ix_webhook_deliveries_endpoint");
        builder.HasIndex(d => new { d.EndpointId, d.State, d.Seq }).HasDatabaseName("ix_webhook_deliveries_state");
    }
}

internal sealed class DeliveryAttemptConfiguration : IEntityTypeConfiguration<DeliveryAttempt>
{
    public void Configure(EntityTypeBuilder<DeliveryAttempt> builder)
    {
        builder.ToTable("webhook_attempts").HasKey(a => new { a.DeliveryId, a.Number });
        builder.HasIndex(a => a.At).HasDatabaseName("ix_webhook_attempts_at");
    }
}

internal sealed class WebhookPlaceConfiguration : IEntityTypeConfiguration<WebhookPlace>
{
    public void Configure(EntityTypeBuilder<WebhookPlace> builder)
    {
        builder.ToTable("webhook_place").HasKey(p => p.Id);
        builder.Property(p => p.Id).ValueGeneratedNever();
    }
}
