using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OpsConsole.Bench;

/// <summary>What a web service that decides and records nothing would reach here: one minimal-API endpoint, JSON in, JSON out, on a Kestrel of its own.</summary>
internal sealed class BaselineServer : IAsyncDisposable
{
    /// <summary>A call as the decision endpoint gets it; <see cref="RequestTemplate.Slot"/> makes each one a run of its own.</summary>
    public const string Body = $$"""{"action":"crm.contact.update","resource":{"type":"contact","id":"{{RequestTemplate.Slot}}"},"arguments":{"field":"phone","value":"+49 30 1234567"},"run_id":"run-{{RequestTemplate.Slot}}","confidence":0.93}""";

    private readonly WebApplication _app;

    private BaselineServer(WebApplication app, Uri address) => (_app, Address) = (app, address);

    public Uri Address { get; }

    public static async Task<BaselineServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory, Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        var app = builder.Build();
        app.MapPost("/decisions", (Ask ask) => new Answer($"dec_{ask.RunId}", "allow", ask.Action, ask.Confidence));
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new BaselineServer(app, new Uri(address));
    }

    public RequestTemplate Request() => RequestTemplate.Post(Address, "/decisions", Body);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed record Ask(string Action, Resource? Resource, Dictionary<string, string>? Arguments, string? RunId, double? Confidence);

    private sealed record Resource(string Type, string Id);

    private sealed record Answer(string Id, string Outcome, string Action, double? Confidence);
}
