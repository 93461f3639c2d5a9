using System.Globalization;
using OpsConsole.Startup;

// What the console says and records is the same on every server, whatever its language.
CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

// Taken out before the settings read the command line: it has no value, and theirs all do.
var demo = args.Contains("--demo");
// Settings are read once: watching their folder for changes means to hear of every write below it, and the database may be there.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false", .. args.Where(a => a != "--demo")], ContentRootPath = AppContext.BaseDirectory });
builder.Configuration.AddLoggingDefaults();
// The writer blocks a thread while the disk flushes, and so does the checkpointer: what answers requests has the processors beside them.
ThreadPool.SetMinThreads(Environment.ProcessorCount + 2, Environment.ProcessorCount);
if (await CommandLine.RunAsync(args, builder.Configuration) is { } exitCode) return exitCode;
if (OpsOptions.Problems(builder.Configuration) is { Count: > 0 } problems)
{
    Console.Error.WriteLine("OpsConsole does not start, because its settings are wrong:");
    foreach (var problem in problems) Console.Error.WriteLine("  " + problem);
    return 1;
}
// A build, unlike a publish, leaves the files of packages where they are; its manifest says where.
builder.WebHost.UseStaticWebAssets();
builder.Services
    .AddSingleton(TimeProvider.System)
    .AddOpsWeb(builder.Configuration)
    .AddOpsData(builder.Configuration)
    .AddOpsBlazor()
    .AddOpsFeatures(demo)
    .AddOpsIntegrations(builder.Configuration);

var app = builder.Build();
try
{
    await app.PrepareOpsDataAsync();
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine("OpsConsole does not start. " + e.Message);
    return 1;
}
app.UseOpsWeb();
app.MapOpsFeatures();
app.MapOpsBlazor();
await app.RunAsync();
return 0;

/// <summary>Named for tests that start the real host.</summary>
public partial class Program;
