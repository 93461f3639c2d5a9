using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace OpsConsole.Data;

/// <summary>
/// Lets Microsoft.Data.Sqlite 10 run on SQLitePCLRaw 2.0.6 and the system's SQLite (docs/adr/0004): resolves the core assembly that is
/// older than asked for, and maps the native name to the distribution's patched library, with the bundled one as the last resort.
/// </summary>
internal static class SqliteBootstrap
{
    /// <summary>The name under which SQLite's native functions are imported.</summary>
    internal const string NativeName = "e_sqlite3";

#pragma warning disable CA2255 // a library initialiser: it must run before the first use of the provider, also inside 'dotnet ef'
    [ModuleInitializer]
    internal static void Init()
    {
        AssemblyLoadContext.Default.Resolving += Resolve;
        var own = AssemblyLoadContext.GetLoadContext(typeof(SqliteBootstrap).Assembly);
        if (own is not null && own != AssemblyLoadContext.Default) own.Resolving += Resolve;   // 'dotnet ef' loads us in a context of its own
        NativeLibrary.SetDllImportResolver(Assembly.Load("SQLitePCLRaw.provider.e_sqlite3"), ResolveNative);
        NativeLibrary.SetDllImportResolver(typeof(SqliteBootstrap).Assembly, ResolveNative);
    }
#pragma warning restore CA2255

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) => name.Name == "SQLitePCLRaw.core"
        ? context.LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(typeof(SqliteBootstrap).Assembly.Location)!, "SQLitePCLRaw.core.dll"))
        : null;

    private static nint ResolveNative(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != NativeName) return 0;
        string[] candidates = OperatingSystem.IsLinux() ? ["libsqlite3.so.0"] : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"] : ["winsqlite3"];
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle)) return handle;
        }
        return 0;
    }
}
