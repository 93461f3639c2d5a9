using OpsConsole.Startup;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
if (await CommandLine.RunAsync(args, builder.Configuration) is { } exitCode) return exitCode;
builder.Services
    .AddSingleton(TimeProvider.System)
    .AddOpsWeb(builder.Configuration)
    .AddOpsData(builder.Configuration)
    .AddOpsBlazor()
    .AddOpsFeatures();

var app = builder.Build();
await app.PrepareOpsDataAsync();
app.UseOpsWeb();
app.MapOpsFeatures();
app.MapOpsBlazor();
await app.RunAsync();
return 0;

/// <summary>Named for tests that start the real host.</summary>
public partial class Program;
