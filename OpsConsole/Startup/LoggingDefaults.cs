using Microsoft.Extensions.Configuration.Memory;

namespace OpsConsole.Startup;

/// <summary>What is logged where nobody set anything: the console's own news, and the framework's warnings.</summary>
internal static class LoggingDefaults
{
    private static readonly Dictionary<string, string?> Levels = new()
    {
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",   // five lines per request otherwise, and half of the throughput
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",   // while it may log, every request gets an Activity and a scope that nothing reads
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
    };

    /// <summary>Put first, so that every other source of configuration overrides it.</summary>
    public static void AddLoggingDefaults(this ConfigurationManager configuration)
        => ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Levels });
}
